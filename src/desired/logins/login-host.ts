import type { AuthentikConfig, Config } from '../../config/model/config.ts';

/** Authentik's public address, `https://auth.example.dev`; undefined if the file has none. */
export function loginUrl({ authentik, services }: Config): string | undefined {
  const face = authentik?.service === undefined ? undefined : services.get(authentik.service);
  return face === undefined ? undefined : `https://${face.host}`;
}

/**
 * Authentik and the address of its login page, as its gates need them.
 * @throws TypeError for a file whose gates ask Authentik and that has no login page, which G103 prevents.
 */
export function guardingAuthentik(config: Config): {
  readonly authentik: AuthentikConfig;
  readonly login: string;
} {
  const { authentik } = config;
  const login = loginUrl(config);
  if (authentik === undefined || login === undefined)
    throw new TypeError('a gate of Authentik, and no Authentik');
  return { authentik, login };
}
