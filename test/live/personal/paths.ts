import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { schema } from '../../../src/schema.ts';

const RECEIVER = '(conversation: { receiverType: GROUP, receiverId: "plaza" })';

/** The fields of Subscription, with arguments that are allowed: what is told does not depend on them. */
export const ROOTS: Readonly<Record<string, string>> = {
  events: 'events',
  messageReceived: `messageReceived${RECEIVER}`,
  typing: `typing${RECEIVER}`,
  presence: 'presence(uids: ["bob"])',
  callUpdated: 'callUpdated(sessionId: "session-107")',
  callSignals: 'callSignals(sessionId: "session-107")',
};

export const isPersonal = (field: GraphQLField<unknown, unknown>): boolean => field.extensions['personal'] === true;

export const rootType = (root: string): GraphQLNamedType =>
  getNamedType(schema.getSubscriptionType()?.getFields()[root]?.type) as GraphQLNamedType;

/** The concrete types that a value of this one can have. */
export function concreteOf(type: GraphQLNamedType): readonly GraphQLObjectType[] {
  if (isAbstractType(type)) return schema.getPossibleTypes(type);
  return isObjectType(type) ? [type] : [];
}

const fieldsOf = (type: GraphQLObjectType) =>
  Object.values(type.getFields()).filter((field) => !field.args.some(isRequiredArgument));

/** Where an object stands: `wrap` gives the document that selects something of it. */
export interface Spot {
  readonly root: string;
  /** The concrete type of what is told. */
  readonly told: string;
  readonly type: GraphQLObjectType;
  readonly wrap: (selection: string) => string;
}

/** Every way, of so many steps, without a personal field, from a subscription to an object. */
export function spotsWithin(steps: number): Spot[] {
  let edge = Object.entries(ROOTS).flatMap(([root, call]) =>
    concreteOf(rootType(root)).map(
      (type): Spot => ({
        root,
        told: type.name,
        type,
        wrap: (selection) => `subscription { ${call} { ... on ${type.name} { ${selection} } } }`,
      }),
    ),
  );
  const all = [...edge];
  for (let step = 0; step < steps; step++) {
    edge = edge.flatMap((spot) =>
      fieldsOf(spot.type)
        .filter((field) => !isPersonal(field) && isCompositeType(getNamedType(field.type)))
        .flatMap((field) =>
          concreteOf(getNamedType(field.type)).map(
            (type): Spot => ({
              ...spot,
              type,
              wrap: (selection) => spot.wrap(`${field.name} { ... on ${type.name} { ${selection} } }`),
            }),
          ),
        ),
    );
    all.push(...edge);
  }
  return all;
}

/** All of a type's own leaves that are not personal. */
export const leavesOf = (type: GraphQLObjectType): string =>
  [
    '__typename',
    ...fieldsOf(type)
      .filter((field) => !isPersonal(field) && !isCompositeType(getNamedType(field.type)))
      .map(({ name }) => name),
  ].join(' ');

/** A personal field, with something of what it gives. */
export function personalOf(type: GraphQLObjectType): { readonly name: string; readonly selection: string }[] {
  return fieldsOf(type)
    .filter(isPersonal)
    .map((field) => ({
      name: field.name,
      selection: isCompositeType(getNamedType(field.type)) ? `${field.name} { __typename }` : field.name,
    }));
}
