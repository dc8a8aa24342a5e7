import { type Answer, answer } from '../view/visit.ts';
import type { LoginMethod } from './identity.ts';

/** A page of the team's host; `fault` tells a test the reason, which people do not see. */
export function page(status: number, text: string, fault?: string): Answer {
  return answer('access', status, `<!doctype html><title>Cloudflare Access</title>${text}\n`, {
    'content-type': 'text/html',
    ...(fault === undefined ? {} : { 'x-sandbox-error': fault.replace(/[^\x20-\x7e]/g, ' ') }),
  });
}

export const teamPageNotFound: Answer = page(404, 'Not found');

/** A link for each provider with a redirect, and a form for each that needs an address. */
export function choicePage(
  name: string,
  methods: readonly LoginMethod[],
  linkTo: (method: LoginMethod) => string,
): Answer {
  const choices = methods.map((method) =>
    method.openId === null
      ? `<form method="post" action="${bare(linkTo(method))}">${bare(method.name)} <input name="email" type="email"><button>Log in</button></form>`
      : `<a href="${bare(linkTo(method))}">${bare(method.name)}</a>`,
  );
  return page(200, `Log in to ${bare(name)}${choices.join('')}`);
}

/** A form in which a person says why they want to use the application. */
export function reasonPage(name: string, action: string): Answer {
  return page(
    200,
    `Why do you need ${bare(name)}?<form method="post" action="${bare(action)}"><input name="justification"><button>Continue</button></form>`,
  );
}

function bare(text: string): string {
  return text.replace(/[&<>"]/g, (character) => (character === '&' ? '&amp;' : ''));
}
