import type { IncomingMessage, ServerResponse } from 'node:http';

/** A page of HTML, ready to be sent. */
export interface Page {
  /** Whether a browser opens it, as opposed to a program that asks for data. */
  isAskedFor(req: IncomingMessage): boolean;
  answer(req: IncomingMessage, res: ServerResponse): Promise<void>;
}
