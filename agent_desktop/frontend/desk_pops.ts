// Pages of other CRMs for the call: each in its own one tab, opened once for each call when it opens by itself.
const opened = new Set<string>();

/** After every picture. A browser that blocks it leaves the button; an administrator allows this site to open tabs. */
export function openPops(contact: string): void {
  if (!contact) return opened.clear();
  document.querySelectorAll<HTMLAnchorElement>('#pops a[data-pop="alone"]').forEach((link) => {
    const key = `${contact} ${link.target}`;
    if (opened.has(key)) return;
    opened.add(key);
    window.open(link.href, link.target);
  });
}
