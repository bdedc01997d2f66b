export { type BackupOptions, type BackupSummary, writeBackup } from './backup.ts';
export type { Manifest } from './manifest.ts';
export type { OnProgress, Progress } from './progress.ts';
export {
  describeBackup,
  type RestoreOptions,
  type RestoreSummary,
  restoreBackup,
} from './restore.ts';
