import { equal } from '../../../src/core/objects/equal.ts';
import { readLifetime, writeLifetime } from '../reading/lifetime.ts';
import { unwidenedProxy, type WidenedReply } from '../reading/widening.ts';

/**
 * The settings of a proxy provider that a file may decide. A desired one without them has no opinion: gates reports what
 * widens it (`proxyWidenings`) and leaves it.
 */
export interface ProxySettings {
  /** Seconds that a login at the outpost lasts: the lifetime of its access token. */
  readonly sessionLifetime: number;
  readonly basicAuth: BasicAuth;
  /** True: the outpost answers 401 to a request whose `Authorization` header proves nothing. */
  readonly interceptAuthorization: boolean;
}

/** Attributes of the person that the outpost sends to the application as name and password. */
type BasicAuth = 'off' | { readonly userAttribute: string; readonly passwordAttribute: string };

export interface ProxySettingsReply extends WidenedReply {
  readonly basic_auth_user_attribute?: string;
  readonly basic_auth_password_attribute?: string;
}

type SettingField = keyof ProxySettings;
type Body = Readonly<Record<string, unknown>>;

/** The form of each setting in the API. */
const written: { readonly [Field in SettingField]: (value: ProxySettings[Field]) => Body } = {
  sessionLifetime: (seconds) => ({ access_token_validity: writeLifetime(seconds) }),
  // The API wants both attributes in each request that switches it on.
  basicAuth: (value) =>
    value === 'off'
      ? { basic_auth_enabled: false }
      : {
          basic_auth_enabled: true,
          basic_auth_user_attribute: value.userAttribute,
          basic_auth_password_attribute: value.passwordAttribute,
        },
  interceptAuthorization: (value) => ({ intercept_header_auth: value }),
};

const settingFields = Object.keys(written) as readonly SettingField[];

export function observedSettings(reply: ProxySettingsReply): ProxySettings {
  const { basic_auth_user_attribute: userAttribute = '' } = reply;
  const { basic_auth_password_attribute: passwordAttribute = '' } = reply;
  return {
    sessionLifetime: readLifetime(reply.access_token_validity ?? unwidenedProxy.access_token_validity),
    basicAuth: reply.basic_auth_enabled === true ? { userAttribute, passwordAttribute } : 'off',
    interceptAuthorization: reply.intercept_header_auth ?? unwidenedProxy.intercept_header_auth,
  };
}

export function differingSettings(
  want: Partial<ProxySettings>,
  have: Partial<ProxySettings>,
): readonly SettingField[] {
  return settingFields.filter((field) => want[field] !== undefined && !equal(want[field], have[field]));
}

/** The settings that the file decides, or those of them among `fields`, as the API has them. */
export function writtenSettings(want: Partial<ProxySettings>, fields?: readonly string[]): Body {
  const body = <Field extends SettingField>(field: Field, value: ProxySettings[Field] | undefined): Body =>
    value === undefined || fields?.includes(field) === false ? {} : written[field](value);
  return Object.assign({}, ...settingFields.map((field) => body(field, want[field])));
}
