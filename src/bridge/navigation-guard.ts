/** What TypeScript's library does not know yet of the Navigation API. */
interface NavigateEvent extends Event {
  readonly destination: { readonly url: string };
}

/**
 * Cancels every navigation of this page to another origin, downloads included: no policy can. A
 * server's `sandbox` header also stops new windows.
 * @returns whether the browser tells of navigation
 */
export function guardNavigation(): boolean {
  if (!('navigation' in window)) return false;
  const navigation = window.navigation as EventTarget;
  navigation.addEventListener('navigate', (event) => {
    if (originOf((event as NavigateEvent).destination.url) !== location.origin) {
      event.preventDefault();
    }
  });
  return true;
}

/**
 * Whether this page is known to be sandboxed, as the guide's headers make it: then no script opens a
 * window. Of all that a sandbox forbids, only the setter of `document.domain` tells it (HTML,
 * "Relaxing the same-origin restriction": a sandboxed document is refused first). It is tried only
 * where the document's agent cluster is keyed by origin, where it changes nothing; elsewhere it
 * would relax the origin, so nothing is claimed.
 */
export function isSandboxed(): boolean {
  if (!('originAgentCluster' in window) || !window.originAgentCluster) return false;
  try {
    const settable = document as { domain: string };
    settable.domain = document.location.hostname;
    return false;
  } catch {
    return true;
  }
}

/** Blob addresses have the origin of who made them. */
function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return 'null';
  }
}
