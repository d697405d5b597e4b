import type { ASTVisitor, SelectionSetNode, ValidationContext } from 'graphql';
import { limitError } from './limits.ts';

/** Refuses operations with more fields inside fields than `max`. Introspection does not count: it has a rule of its own. */
export const maxDepth = (max: number) =>
  function MaxDepth(context: ValidationContext): ASTVisitor {
    const fragments = new Map<string, number>();

    function depthOf(set: SelectionSetNode | undefined): number {
      return Math.max(0, ...(set?.selections ?? []).map(depthOfSelection));
    }

    function depthOfSelection(selection: SelectionSetNode['selections'][number]): number {
      if (selection.kind === 'InlineFragment') return depthOf(selection.selectionSet);
      if (selection.kind === 'FragmentSpread') return depthOfFragment(selection.name.value);
      return selection.name.value.startsWith('__') ? 0 : 1 + depthOf(selection.selectionSet);
    }

    function depthOfFragment(name: string): number {
      const known = fragments.get(name);
      if (known !== undefined) return known;
      fragments.set(name, 0); // a fragment that spreads itself, which another rule refuses
      const depth = depthOf(context.getFragment(name)?.selectionSet);
      fragments.set(name, depth);
      return depth;
    }

    return {
      OperationDefinition(node) {
        const depth = depthOf(node.selectionSet);
        if (depth > max) context.reportError(limitError(`The document is ${depth} fields deep: ${max} at the most.`));
      },
    };
  };
