/** Large providers at which anybody can get an address. */
const domains: ReadonlySet<string> = new Set([
  ...['aol.com', 'fastmail.com', 'gmail.com', 'gmx.at', 'gmx.ch', 'gmx.com', 'gmx.de', 'gmx.net'],
  ...['googlemail.com', 'hey.com', 'hotmail.com', 'hotmail.de', 'icloud.com', 'live.com', 'mac.com'],
  ...['mail.com', 'mail.ru', 'mailbox.org', 'me.com', 'msn.com', 'outlook.com', 'outlook.de', 'pm.me'],
  ...['posteo.de', 'proton.me', 'protonmail.com', 'qq.com', 't-online.de', 'tutanota.com', 'web.de'],
  ...['yahoo.com', 'yahoo.de', 'yandex.com', 'yandex.ru', 'ymail.com', 'zoho.com', '163.com'],
]);

export function isPublicMailDomain(domain: string | undefined): domain is string {
  return domain !== undefined && domains.has(domain.toLowerCase());
}
