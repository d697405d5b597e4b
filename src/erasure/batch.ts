/** How many rows one write of a deletion takes, so that the writes of others never wait long. */
export const BATCH = 200;
