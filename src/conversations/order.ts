import { firstIndex, type Page, pageAtHand, type Range } from '../store/keyset.ts';

const PLACE_BYTES = 120;

/** A conversation, and its place in the list of one who belongs to it: larger is newer; undefined where the list does not show it. */
export interface Placed {
  readonly id: number;
  readonly place: number | undefined;
}

/** The conversations that a user belongs to, in the order of their list. */
export class Order {
  readonly #places = new Map<number, number | undefined>();
  readonly #shown: Placed[];

  constructor(placed: readonly Placed[]) {
    for (const { id, place } of placed) this.#places.set(id, place);
    this.#shown = placed.filter(({ place }) => place !== undefined).sort((a, b) => placeOf(b) - placeOf(a));
  }

  has(id: number): boolean {
    return this.#places.has(id);
  }

  /** Moves a conversation that it has to its place. */
  move(id: number, place: number | undefined): void {
    const before = this.#places.get(id);
    if (before === place) return;
    this.#places.set(id, place);
    if (before !== undefined) this.#shown.splice(this.#indexOf(before), 1);
    if (place !== undefined) this.#shown.splice(this.#indexOf(place), 0, { id, place });
  }

  /** Takes out a conversation that the user belongs to no more. */
  remove(id: number): void {
    this.move(id, undefined);
    this.#places.delete(id);
  }

  page(range: Range): Page<Placed> {
    return pageAtHand(this.#shown, placeOf, 'descending', range);
  }

  /** How many there are, with those that the list does not show. */
  get size(): number {
    return this.#places.size;
  }

  /** About how many bytes it takes. */
  get bytes(): number {
    return this.size * PLACE_BYTES;
  }

  #indexOf(place: number): number {
    return firstIndex(this.#shown, (one) => placeOf(one) <= place);
  }
}

const placeOf = ({ place = 0 }: Placed): number => place;
