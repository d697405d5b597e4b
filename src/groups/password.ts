import { hash } from '@node-rs/argon2';

/** The hash that is kept of a group's password. Takes tens of milliseconds, off the main thread. */
export const hashPassword = (password: string): Promise<string> => hash(password);
