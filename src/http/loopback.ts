const LOOPBACK = /^(localhost|[\w.-]+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** Whether a host name or address, without a port, means this machine and nothing else. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** Whether a Host header means this machine: one that does not may come from a page whose name was pointed here. */
export const isLoopbackHeader = (header: string | undefined): boolean =>
  header !== undefined && isLoopback(header.replace(/:\d+$/, ''));
