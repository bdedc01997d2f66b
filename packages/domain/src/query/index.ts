export { wrongQuery } from './errors.ts';
export { conditionNames } from './fields.ts';
export { MAX_QUERY_LENGTH, MAX_TERMS } from './limits.ts';
export { findNames, type Ids, type KeptName, keptNames } from './names.ts';
export { parseQuery } from './parse.ts';
export {
  type Asked,
  columnOf,
  conditionOfQuery,
  type Guessed,
  noGuesses,
  wantedIds,
  wordName,
} from './sql.ts';
export {
  allOf,
  anyOf,
  everyTicket,
  type ListedField,
  type Query,
  type ReferenceField,
  type TimeField,
  type Words,
} from './tree.ts';
export { guessesOf, isGuessable } from './typos.ts';
export { listedValue, nameOf } from './values.ts';
