import manifest from '../package.json' with { type: 'json' };

/** Of Tocsin, as `/openapi.json` and `tocsin --version` say it. */
export const version: string = manifest.version;
