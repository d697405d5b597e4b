import { hash, verify } from '@node-rs/argon2';

/** The hash that is kept of a group's password. Takes tens of milliseconds, off the main thread. */
export const hashPassword = (password: string): Promise<string> => hash(password);

/** Whether a hash is that of the password. Takes as long. */
export const isPassword = (password: string, kept: string): Promise<boolean> => verify(kept, password);
