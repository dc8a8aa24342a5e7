import { type Command, Option } from 'commander';
import { output } from '../surroundings/options.ts';
import { endWith, exit } from './exit.ts';

const runVariables = `
It takes no options. It reads these variables; docs/environment.md has all of them:
  GATES_REPOSITORY, GATES_BRANCH, GATES_FILE   what it follows
  CLOUDFLARE_API_TOKEN, GATES_GIT_TOKEN        what it may do
  GATES_WEBHOOK_SECRET, GATES_HOOKS_LISTEN     how a push reaches it
  GATES_LISTEN, GATES_STATE_DIR                where it answers, where it keeps its state`;

/** Adds the daemon, and the commands about it. */
export function addDaemonCommands(gates: Command, readConfig: URL): void {
  addRun(gates, readConfig);
  addStatus(gates);
  addPause(gates);
  addResume(gates);
  addHistory(gates);
}

function addRun(gates: Command, readConfig: URL): void {
  gates
    .command('run')
    .description('run the daemon: it applies after a push, on a schedule, and on SIGHUP')
    .addHelpText('after', runVariables)
    .action(async () => endWith((await import('../commands/run.ts')).run(readConfig)));
}

function addStatus(gates: Command): void {
  gates
    .command('status')
    .description('show what the daemon does, and what it needs from you')
    .addOption(output())
    .option(
      '--url <url>',
      'ask the daemon at this address (its GATES_LISTEN) instead of reading the state folder',
    )
    .option('--web', 'print the address of the status page, and nothing else')
    .action(async (_, command: Command) =>
      exit((await import('../commands/status.ts')).status(command.optsWithGlobals())),
    );
}

function addPause(gates: Command): void {
  gates
    .command('pause')
    .description(
      'write nothing to Cloudflare and Authentik until `gates resume`; the daemon still checks and reports',
    )
    .addOption(new Option('--reason <text>', 'why, for people who find gates paused').makeOptionMandatory())
    .addOption(output())
    .action(async (_, command: Command) =>
      exit((await import('../commands/pause.ts')).pause(command.optsWithGlobals())),
    );
}

function addResume(gates: Command): void {
  gates
    .command('resume')
    .description('end a pause: apply what was pushed meanwhile, and revert what was changed by hand')
    .addOption(output())
    .action(async (_, command: Command) =>
      exit((await import('../commands/pause.ts')).resume(command.optsWithGlobals())),
    );
}

function addHistory(gates: Command): void {
  const history = gates
    .command('history')
    .description('list what the runs did, newest first')
    .addOption(output())
    .addOption(
      new Option('--service <name>', 'only runs that changed something for this service, or tried to'),
    )
    .option('--since <time>', 'no older ones: 12h, 2d, or a date')
    .action(async (_, command: Command) =>
      exit((await import('../commands/history.ts')).history(command.optsWithGlobals())),
    );
  history
    .command('verify')
    .description('check that nobody changed or removed an entry; exit codes: 0 = intact, 1 = broken')
    .action(async (_, command: Command) =>
      exit((await import('../commands/history.ts')).verifyHistory(command.optsWithGlobals())),
    );
}
