terraform {
  required_providers {
    cloudflare = { source = "cloudflare/cloudflare" }
    authentik  = { source = "goauthentik/authentik" }
  }
}

variable "account" { default = "0123456789abcdef0123456789abcdef" }
variable "zone" {}

resource "cloudflare_zero_trust_tunnel_cloudflared" "home" {
  account_id = var.account
  name       = "attic"
  config_src = "cloudflare"
}

resource "cloudflare_zero_trust_access_group" "family" {
  account_id = var.account
  name       = "family"
  include    = [{ email = { email = "mum@example.dev" } }, { email = { email = "dad@example.dev" } }]
}

resource "cloudflare_zero_trust_access_service_token" "ci" {
  account_id = var.account
  name       = "ci"
  duration   = "8760h"
}

# A reusable policy.
resource "cloudflare_zero_trust_access_policy" "friends" {
  account_id = var.account
  name       = "friends"
  decision   = "allow"
  include    = [{ email = { email = "you@example.dev" } }, { email = { email = "me@example.dev" } }]
}

resource "cloudflare_zero_trust_access_policy" "family" {
  account_id = var.account
  name       = "family"
  decision   = "allow"
  include    = [{ group = { id = cloudflare_zero_trust_access_group.family.id } }]
}

resource "cloudflare_zero_trust_access_policy" "ci" {
  account_id = var.account
  name       = "ci"
  decision   = "non_identity"
  include    = [{ service_token = { token_id = cloudflare_zero_trust_access_service_token.ci.id } }]
}

resource "cloudflare_zero_trust_access_application" "films" {
  account_id       = var.account
  name             = "Films"
  type             = "self_hosted"
  domain           = "films.example.dev"
  session_duration = "24h"
  policies         = [{ id = cloudflare_zero_trust_access_policy.friends.id, precedence = 1 }]
}

# gates leaves this one: it has no groups of Access.
resource "cloudflare_zero_trust_access_application" "photos" {
  account_id       = var.account
  name             = "Photos"
  type             = "self_hosted"
  domain           = "photos.example.dev"
  session_duration = "24h"
  policies         = [{ id = cloudflare_zero_trust_access_policy.family.id, precedence = 1 }]
}

# A policy that belongs to the application alone.
resource "cloudflare_zero_trust_access_application" "wiki" {
  account_id       = var.account
  name             = "Wiki"
  type             = "self_hosted"
  domain           = "wiki.example.dev"
  session_duration = "12h"
  policies = [{
    name       = "me"
    decision   = "allow"
    precedence = 1
    include    = [{ email = { email = "me@example.dev" } }]
  }]
}

resource "cloudflare_zero_trust_access_application" "registry" {
  account_id       = var.account
  name             = "Registry"
  type             = "self_hosted"
  domain           = "registry.example.dev"
  session_duration = "24h"
  policies         = [{ id = cloudflare_zero_trust_access_policy.ci.id, precedence = 1 }]
}

resource "cloudflare_zero_trust_tunnel_cloudflared_config" "home" {
  account_id = var.account
  tunnel_id  = cloudflare_zero_trust_tunnel_cloudflared.home.id
  config = {
    ingress = [
      {
        hostname       = "films.example.dev"
        service        = "http://jellyfin.lan:8096"
        origin_request = { access = { required = true, team_name = "example", aud_tag = [cloudflare_zero_trust_access_application.films.aud] } }
      },
      {
        hostname       = "wiki.example.dev"
        service        = "http://wiki.lan:3000"
        origin_request = { access = { required = true, team_name = "example", aud_tag = [cloudflare_zero_trust_access_application.wiki.aud] } }
      },
      {
        hostname       = "registry.example.dev"
        service        = "http://registry.lan:5000"
        origin_request = { access = { required = true, team_name = "example", aud_tag = [cloudflare_zero_trust_access_application.registry.aud] } }
      },
      {
        hostname       = "photos.example.dev"
        service        = "http://immich.lan:2283"
        origin_request = { access = { required = true, team_name = "example", aud_tag = [cloudflare_zero_trust_access_application.photos.aud] } }
      },
      { hostname = "auth.example.dev", service = "http://authentik.lan:9000" },
      { hostname = "grafana.example.dev", service = "http://traefik.lan:80" },
      { hostname = "git.example.dev", service = "http://forgejo.lan:3000" },
      { service = "http_status:404" },
    ]
  }
}

resource "cloudflare_dns_record" "host" {
  for_each = toset(["films", "photos", "wiki", "registry", "auth", "grafana", "git"])
  zone_id  = var.zone
  name     = "${each.key}.example.dev"
  type     = "CNAME"
  content  = "${cloudflare_zero_trust_tunnel_cloudflared.home.id}.cfargotunnel.com"
  proxied  = true
  ttl      = 1
}

resource "cloudflare_dns_record" "mail" {
  zone_id  = var.zone
  name     = "example.dev"
  type     = "MX"
  content  = "mx1.example.net"
  priority = 10
  ttl      = 3600
}

resource "cloudflare_dns_record" "spf" {
  zone_id = var.zone
  name    = "example.dev"
  type    = "TXT"
  content = "\"v=spf1 include:spf.example.net -all\""
  comment = "mail"
  ttl     = 3600
}

data "authentik_flow" "authorization" { slug = "default-provider-authorization-implicit-consent" }
data "authentik_flow" "invalidation" { slug = "default-provider-invalidation-flow" }
data "authentik_certificate_key_pair" "default" { name = "authentik Self-signed Certificate" }
data "authentik_property_mapping_provider_scope" "stock" {
  managed_list = [
    "goauthentik.io/providers/oauth2/scope-email",
    "goauthentik.io/providers/oauth2/scope-openid",
    "goauthentik.io/providers/oauth2/scope-profile",
  ]
}
data "authentik_outpost" "embedded" { name = "authentik Embedded Outpost" }

resource "authentik_group" "admins" { name = "admins" }

resource "authentik_provider_proxy" "grafana" {
  name               = "Grafana"
  mode               = "forward_single"
  external_host      = "https://grafana.example.dev"
  authorization_flow = data.authentik_flow.authorization.id
  invalidation_flow  = data.authentik_flow.invalidation.id
}

resource "authentik_application" "grafana" {
  name              = "Grafana"
  slug              = "grafana"
  protocol_provider = authentik_provider_proxy.grafana.id
}

resource "authentik_policy_binding" "grafana" {
  target = authentik_application.grafana.uuid
  group  = authentik_group.admins.id
  order  = 0
}

resource "authentik_outpost_provider_attachment" "grafana" {
  outpost           = data.authentik_outpost.embedded.id
  protocol_provider = authentik_provider_proxy.grafana.id
}

resource "authentik_provider_oauth2" "git" {
  name               = "Git"
  client_id          = "git"
  grant_types        = ["authorization_code", "refresh_token"]
  property_mappings  = data.authentik_property_mapping_provider_scope.stock.ids
  signing_key        = data.authentik_certificate_key_pair.default.id
  authorization_flow = data.authentik_flow.authorization.id
  invalidation_flow  = data.authentik_flow.invalidation.id
  allowed_redirect_uris = [
    { matching_mode = "strict", redirect_uri_type = "authorization", url = "https://git.example.dev/user/oauth2/authentik/callback" },
  ]
}

resource "authentik_application" "git" {
  name              = "Git"
  slug              = "git"
  protocol_provider = authentik_provider_oauth2.git.id
}

resource "authentik_policy_binding" "git" {
  target = authentik_application.git.uuid
  group  = authentik_group.admins.id
  order  = 0
}
