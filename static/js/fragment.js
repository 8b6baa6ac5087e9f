// The one place where a string becomes elements: a page of our own origin, already escaped by the server.
// The policy is named in the content security policy, so no other script can make one.
const policy = window.trustedTypes?.createPolicy("nightbell-fragment", { createHTML: (html) => html });

/** The page a same-origin response holds, parsed but not run. Throws when it came from elsewhere. */
export async function pageFrom(response) {
  if (new URL(response.url).origin !== location.origin) throw new Error("Not our page");
  const html = await response.text();
  return new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
}
