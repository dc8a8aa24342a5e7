import type { AccessOutputs } from '../outputs.ts';

/** Libraries with which an application checks the token of Access by itself. */
export type LibraryFormat = 'jose' | 'pyjwt' | 'go-oidc';

export function isLibraryFormat(format: string): format is LibraryFormat {
  return Object.hasOwn(written, format);
}

/** The values of one door that the code depends on; without all of them there is no code. */
interface Known {
  readonly certsUrl: string;
  readonly issuer: string;
  readonly aud: string;
  readonly header: string;
}

/**
 * Code that checks signature, issuer, audience, expiry and type. Without the type, a visitor could show the token that the login
 * page of Access gives to everybody for the same audience.
 */
export function formatLibrary(format: LibraryFormat, service: string, access: AccessOutputs): string {
  const { comment, code } = written[format];
  const heading = `${comment} services.${service}: the application checks the token of Access.\n`;
  const { certsUrl, issuer, aud, header } = access;
  if (certsUrl === null || issuer === null || aud === null)
    return `${heading}${comment} The code is printed once gates has applied the service.\n`;
  return `${heading}${code({ certsUrl, issuer, aud, header })}`;
}

/** https://github.com/panva/jose/blob/main/docs/jwt/verify/functions/jwtVerify.md */
const jose = ({ certsUrl, issuer, aud, header }: Known) => `// npm install jose
import { createRemoteJWKSet, jwtVerify } from 'jose';

const keys = createRemoteJWKSet(new URL('${certsUrl}'));
const expected = {
  algorithms: ['RS256'],
  issuer: '${issuer}',
  audience: '${aud}',
  requiredClaims: ['exp'],
};

/** The claims of a visitor, such as \`email\`. Throws if there is no valid token. */
export async function claimsOf(headers) {
  const { payload } = await jwtVerify(headers['${header.toLowerCase()}'] ?? '', keys, expected);
  if (payload.type !== 'app') throw new Error('This is no token for the application');
  return payload;
}
`;

/** https://pyjwt.readthedocs.io/en/stable/usage.html#retrieve-rsa-signing-keys-from-a-jwks-endpoint */
const pyjwt = ({ certsUrl, issuer, aud, header }: Known) => `# pip install "pyjwt[crypto]"
import jwt

keys = jwt.PyJWKClient("${certsUrl}")


def claims_of(headers):
    """The claims of a visitor, such as "email". Raises if there is no valid token."""
    token = headers.get("${header}", "")
    key = keys.get_signing_key_from_jwt(token).key
    claims = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        issuer="${issuer}",
        audience="${aud}",
        options={"require": ["exp", "iss", "aud"]},
    )
    if claims.get("type") != "app":
        raise jwt.InvalidTokenError("This is no token for the application")
    return claims
`;

/** https://pkg.go.dev/github.com/coreos/go-oidc/v3/oidc#NewVerifier: RS256 alone, unless the configuration names others. */
const goOidc = ({ certsUrl, issuer, aud, header }: Known) => `// go get github.com/coreos/go-oidc/v3
package access

import (
	"context"
	"errors"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
)

var (
	keys     = oidc.NewRemoteKeySet(context.Background(), "${certsUrl}")
	verifier = oidc.NewVerifier("${issuer}", keys, &oidc.Config{ClientID: "${aud}"})
)

// Claims of a visitor. A machine with a service token has no Email.
type Claims struct {
	Email string \`json:"email"\`
	Type  string \`json:"type"\`
}

// ClaimsOf returns an error if there is no valid token.
func ClaimsOf(request *http.Request) (Claims, error) {
	var claims Claims
	token, err := verifier.Verify(request.Context(), request.Header.Get("${header}"))
	if err != nil {
		return claims, err
	}
	if err := token.Claims(&claims); err != nil {
		return claims, err
	}
	if claims.Type != "app" {
		return Claims{}, errors.New("this is no token for the application")
	}
	return claims, nil
}
`;

const written = {
  jose: { comment: '//', code: jose },
  pyjwt: { comment: '#', code: pyjwt },
  'go-oidc': { comment: '//', code: goOidc },
} satisfies Readonly<Record<LibraryFormat, unknown>>;
