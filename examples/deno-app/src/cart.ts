import { type Discount, discountOn } from "./discount.ts";

/** One line of a cart. */
export interface Item {
  readonly name: string;
  /** Price of one, in cents. */
  readonly price: number;
  readonly quantity: number;
}

/** What a cart costs, in cents. */
export interface Total {
  readonly subtotal: number;
  readonly discount: number;
  readonly total: number;
}

/** Adds an item; one of the same name and price grows in quantity. */
export function addItem(items: readonly Item[], added: Item): Item[] {
  if (!Number.isInteger(added.quantity) || added.quantity < 1) {
    throw new RangeError(`quantity must be a whole number from 1: ${added.quantity}`);
  }
  const same = (item: Item) => item.name === added.name && item.price === added.price;
  if (!items.some(same)) return [...items, added];
  return items.map((item) =>
    same(item) ? { ...item, quantity: item.quantity + added.quantity } : item
  );
}

/** Sums a cart; of several discounts the best one for the customer counts. */
export function totalOf(items: readonly Item[], discounts: readonly Discount[] = []): Total {
  const subtotal = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  const discount = Math.max(0, ...discounts.map((each) => discountOn(subtotal, each)));
  return { subtotal, discount, total: subtotal - discount };
}
