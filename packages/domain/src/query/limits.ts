/** Characters of a query at most. */
export const LONGEST_QUERY = 1000;
/** Terms of a query at most, and values of one field. */
export const MOST_TERMS = 50;
/** Parentheses and negations within one another at most. */
export const DEEPEST = 20;
