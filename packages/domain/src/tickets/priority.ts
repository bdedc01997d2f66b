/** From the least to the most pressing. */
export const priorities = ['low', 'medium', 'high', 'urgent'] as const;
export type Priority = (typeof priorities)[number];

/** How much is affected (impact), how soon it must be mended (urgency). */
export const grades = ['low', 'medium', 'high'] as const;
export type Grade = (typeof grades)[number];

/** `matrix[impact][urgency]`, as ITIL proposes it: the two together say how pressing a ticket is. */
export const priorityMatrix: Readonly<Record<Grade, Readonly<Record<Grade, Priority>>>> = {
  high: { high: 'urgent', medium: 'high', low: 'medium' },
  medium: { high: 'high', medium: 'medium', low: 'low' },
  low: { high: 'medium', medium: 'low', low: 'low' },
};

/** The priority that impact and urgency ask for; null when one of them is not known. */
export const priorityOf = (impact: Grade | null, urgency: Grade | null): Priority | null =>
  impact && urgency ? priorityMatrix[impact][urgency] : null;
