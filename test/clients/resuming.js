/**
 * A graphql-ws client for Apollo Client, urql and others that keep a subscription's variables to themselves: whenever it connects
 * again, each subscription to `events` goes on after the last event that came.
 */
export function resuming(client) {
  return {
    ...client,
    subscribe(payload, sink) {
      const variables = { ...payload.variables };
      const next = (result) => {
        variables.after = result.data?.events?.cursor ?? variables.after;
        sink.next(result);
      };
      return client.subscribe({ ...payload, variables }, { ...sink, next });
    },
  };
}
