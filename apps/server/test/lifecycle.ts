/** The contract's lifecycle, in the words of the contract: no test may learn it from the code. */
export const legal: Readonly<Record<string, readonly string[]>> = {
  open: ['in_progress', 'on_hold', 'resolved', 'closed', 'cancelled'],
  in_progress: ['open', 'on_hold', 'resolved', 'closed', 'cancelled'],
  on_hold: ['in_progress', 'on_hold', 'resolved', 'closed', 'cancelled'],
  resolved: ['closed', 'in_progress', 'on_hold'],
  closed: ['in_progress'],
  cancelled: ['open'],
};

export const fixed = { code: 'fixed' };

/** How to bring a new ticket into each state. */
export const roads: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  open: [],
  in_progress: [{ status: 'in_progress' }],
  on_hold: [{ status: 'on_hold', holdReason: 'vendor' }],
  resolved: [{ status: 'resolved', resolution: fixed }],
  closed: [{ status: 'closed', resolution: fixed }],
  cancelled: [{ status: 'cancelled' }],
};
