const LOOPBACK = /^(localhost|[\w.-]+\.localhost|127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}|::1|\[::1\])$/i;

/** Whether a host name or address, without a port, means this machine and nothing else. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);
