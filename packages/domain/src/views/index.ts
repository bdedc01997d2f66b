export { viewNotFound } from './errors.ts';
export { viewRules } from './permissions.ts';
export { CreateView, EditView, GetView, ListViews, Sort, sorts, View, viewColumns } from './schema.ts';
export { create, edit, get, list, remove } from './views.ts';
