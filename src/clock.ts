/** Now, in whole seconds since 1970-01-01T00:00:00Z: what every time in the data model is. */
export const now = (): number => Math.floor(Date.now() / 1000);
