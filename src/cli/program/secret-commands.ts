import { type Command, Option } from 'commander';
import { accountOption, file, number } from '../surroundings/options.ts';
import { exit } from './exit.ts';

/** Adds the commands about what applications get from gates. */
export function addSecretCommands(gates: Command): void {
  addRotate(gates);
  addOutputs(gates);
}

function addRotate(gates: Command): void {
  gates
    .command('rotate')
    .description(
      'give a service token a new secret, or a client a new signing key, without locking anybody out',
    )
    .argument('<name>', 'a name of serviceTokens or clients; of both: serviceTokens.NAME, clients.NAME')
    .addOption(file())
    .addOption(accountOption())
    .option('--settle <s>', 'seconds that the edge gets to learn a new key before the key signs', number, 30)
    .action(async (name: string, _, command: Command) =>
      exit((await import('../commands/rotate.ts')).rotate({ ...command.optsWithGlobals(), name })),
    );
}

/** Programs that ask before they answer, and applications that log people in or check a token. */
const proxies = ['traefik', 'caddy', 'nginx'];
const libraries = ['jose', 'pyjwt', 'go-oidc'];
const applications = ['grafana', 'argocd', 'proxmox', 'home-assistant', 'oidc', 'saml', 'ldap', ...libraries];

function addOutputs(gates: Command): void {
  gates
    .command('outputs')
    .description('print what applications and origins need to know about their gates, never a secret')
    .addOption(file())
    .addOption(accountOption())
    .addOption(new Option('--service <name>', 'only this service, and the clients that its gates name'))
    .addOption(
      new Option('--format <format>', 'the values as data, or the configuration of one program')
        .choices([...['yaml', 'json', 'env'], ...proxies, ...applications])
        .default('yaml'),
    )
    .addOption(new Option('--client <name>', 'only this client'))
    .addOption(
      new Option('--traefik <form>', 'with --format traefik: for the file provider, or as labels')
        .choices(['file', 'labels'])
        .default('file'),
    )
    .addOption(
      new Option('--daemon <url>', 'for a proxy: GATES_LISTEN as the proxy reaches it').default(
        'http://gates.lan:8420',
      ),
    )
    .addOption(
      new Option(
        '--application <url>',
        'for caddy and nginx: the application as the proxy reaches it',
      ).default('http://APPLICATION'),
    )
    .action(async (_, command: Command) =>
      exit((await import('../commands/outputs.ts')).outputs(command.optsWithGlobals())),
    );
}
