export { auditRules } from './permissions.ts';
export { list, loginAddresses } from './read.ts';
export { type Act, record, recordAct } from './record.ts';
export { type AuditAction, AuditEntry, ListAudit } from './schema.ts';
