/** Some names with commas between, and how many more there are. */
export function list(names: readonly string[], shown = 10): string {
  const more = names.length - shown;
  return [...names.slice(0, shown), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
