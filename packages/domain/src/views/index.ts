export { viewRules } from './permissions.ts';
export {
  CreateView,
  DeleteView,
  EditView,
  GetView,
  ListViews,
  Sort,
  sorts,
  View,
  viewColumns,
} from './schema.ts';
export { create, edit, find, get, list, remove } from './views.ts';
