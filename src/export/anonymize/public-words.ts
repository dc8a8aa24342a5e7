/**
 * Words that say nothing about anybody: those of gates, Cloudflare, Authentik, HTTP and the names of their stock objects,
 * and common top-level domains. An object of Authentik's first start keeps its name by them, so that it is found again.
 */
const text = `
  gates authentik goauthentik cloudflare cloudflareaccess cfargotunnel cloudflared access outpost outposts embedded
  com net org dev app info cloud xyz arpa addr lan local internal localhost test invalid
  http https http_status status tcp udp ssh rdp smb unix tls ssl dns www api auth login logout callback start sign out
  oauth oauth2 oidc openid saml ldap proxy provider providers application applications client secret token jwt jwks json
  authorize authorization authentication authenticated enrollment invalidation recovery stage configuration flow flows
  default implicit explicit consent user users settings password change source pre export instances core crypto welcome
  certificatekeypairs view certificate private_key private key download self signed generated
  mapping scope scopes email name names profile groups group entitlements offline offline_access ak_proxy openid
  akadmin admin admins anonymous everyone internal external service account policy policies binding
  cookie cookies host user agent accept content type length origin referer connection upgrade forwarded real
  connecting ipcountry bearer basic digest header headers request response uri path query method
  get post put patch delete head options connect trace true false null none and not eq ne in matches contains wildcard
  hours minutes seconds days weeks months years microseconds milliseconds
  well known acme challenge dmarc dkim spf domainkey spf1 include all mx dmarc1 dkim1 rsa self hosted static dist assets
  images media files icon icons version png jpg jpeg svg ico css background flow_background user_default managed
  ak cn ou dc of or to by on is in at id ip ns no st my if as it an be us we
`;

export const publicWords: ReadonlySet<string> = new Set(
  text
    .split(/[\s_]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase()),
);
