/** A rule that takes something off a subtotal. */
export type Discount =
  | { readonly type: "percent"; readonly percent: number }
  | { readonly type: "amount"; readonly cents: number; readonly from: number };

/** How many cents a discount takes off a subtotal: never more than the subtotal. */
export function discountOn(subtotal: number, discount: Discount): number {
  if (discount.type === "percent") return Math.round(subtotal * discount.percent / 100);
  return subtotal < discount.from ? 0 : Math.min(discount.cents, subtotal);
}
