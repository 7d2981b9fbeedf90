// One key calls back: the number beside the message is chosen and dialled, without a second question.

/** False when there is no number to call. */
export function callBack(within: ParentNode): boolean {
  const number = within.querySelector<HTMLElement>('[data-do="dial"]');
  number?.click();
  document.querySelector<HTMLElement>('[data-do="dial-yes"]')?.click();
  return number !== null;
}
