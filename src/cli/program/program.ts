import { Command } from 'commander';
import { tell } from '../surroundings/terminal.ts';
import { usageExitCode } from '../surroundings/usage-error.ts';
import { version } from '../surroundings/version.ts';
import { addChangeCommands } from './change-commands.ts';
import { addDaemonCommands } from './daemon-commands.ts';
import { addLabCommands } from './lab-commands.ts';
import { addQuestionCommands } from './question-commands.ts';
import { addSecretCommands } from './secret-commands.ts';
import { addShellCommands } from './shell-commands.ts';

const unbuilt = ['vault'];

/**
 * Every command and its options. A command's own code is loaded only when it is called, so `gates validate` loads
 * neither an SDK nor the daemon. `readConfig` is the script with which the daemon reads a file in a separate thread.
 */
export function program(readConfig: URL): Command {
  const gates = new Command('gates')
    .description(
      'One YAML file decides who can open each of your hostnames. gates keeps Cloudflare and Authentik in step with it.',
    )
    .version(version)
    .option('--no-color', 'no color (also NO_COLOR)')
    .option('-q, --quiet', 'print only what matters', false)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(`gates --help` lists the commands)')
    .addHelpText('afterAll', `\nExit code ${usageExitCode}: the command line is wrong, and nothing was done.`)
    // Commands inherit this, so it comes before them. By then the parser has printed its message.
    .exitOverride();

  addChangeCommands(gates);
  addQuestionCommands(gates);
  addSecretCommands(gates);
  addDaemonCommands(gates, readConfig);
  addShellCommands(gates);
  addLabCommands(gates);
  for (const name of unbuilt) {
    gates
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        tell(`error: \`gates ${name}\` is not built in version ${version}. \`gates --help\` lists what is`);
        process.exitCode = usageExitCode;
      });
  }
  return gates;
}
