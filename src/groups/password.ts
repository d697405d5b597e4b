import { hash, verify } from '@node-rs/argon2';

/** The hash that is kept of a group's password. Takes tens of milliseconds, off the main thread. */
export const hashPassword = (password: string): Promise<string> => hash(password);

/** Whether the password is the one that was hashed. */
export const verifyPassword = (passwordHash: string, password: string): Promise<boolean> =>
  verify(passwordHash, password);
