/** Characters of a query at most. */
export const MAX_QUERY_LENGTH = 1000;
/** Terms of a query at most, and values of one field. */
export const MAX_TERMS = 50;
/** Parentheses and negations within one another at most. */
export const MAX_DEPTH = 20;
