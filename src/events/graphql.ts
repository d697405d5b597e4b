import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';
import { builder } from '../graphql/builder.ts';
import { requireViewer } from '../viewer.ts';

builder.queryField('cursor', (t) =>
  t.string({
    description:
      'The log’s position, read before the rest of this response: subscribe to `events` after it and nothing falls between.',
    resolve: (_root, _args, { loaders, viewer }) => requireViewer(viewer) && loaders.log.cursor(),
  }),
);

const asking = new WeakMap<DocumentNode, boolean>();

/** Whether a document asks for `Query.cursor`, which must then be read before anything else of its response. */
export function asksForCursor(document: DocumentNode): boolean {
  const known = asking.get(document);
  if (known !== undefined) return known;
  const roots = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ||
    (definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value === 'Query')
      ? [definition.selectionSet]
      : [],
  );
  const asks = roots.some(selectsCursor);
  asking.set(document, asks);
  return asks;
}

function selectsCursor({ selections }: SelectionSetNode): boolean {
  return selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === 'cursor';
    return selection.kind === Kind.INLINE_FRAGMENT && selectsCursor(selection.selectionSet);
  });
}
