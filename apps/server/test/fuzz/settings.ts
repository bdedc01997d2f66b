const numberOf = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);

/**
 * How the fuzzer runs: the same each time unless the environment says otherwise. A failure prints its seed; the same
 * seed and number of runs send the same requests in the same order.
 */
export const seed = numberOf('TOCSIN_FUZZ_SEED', 20_260_131);

/** Examples for each operation: as many that are valid, and as many that are not. */
export const runs = numberOf('TOCSIN_FUZZ_RUNS', 200);
