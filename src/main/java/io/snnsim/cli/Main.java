package io.snnsim.cli;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The {@code snnsim} program: parses the command line, prints, and turns errors into one line and
 * an exit code. Results go to stdout, talk to stderr.
 */
@Command(
    name = "snnsim",
    description = "Converts trained networks to spiking ones and runs them.",
    mixinStandardHelpOptions = true,
    version = {"snnsim 0.1.0", "JDK ${java.version}, ${os.name} ${os.arch}"},
    subcommands = {
      DemoCommand.class,
      ConvertCommand.class,
      RunCommand.class,
      VerifyCommand.class,
      InfoCommand.class,
      DoctorCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a defect of this program",
      "2:wrong options",
      "65:unusable input",
      "66:an input file is missing",
      "69:no kernel can run as asked",
      "74:reading or writing failed",
      "130:interrupted"
    })
public final class Main implements Runnable {
  @Option(names = "--debug", description = "Print the stack of an error.")
  private boolean debug;

  private final Interrupt interrupt = new Interrupt();

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** Tells long work that the user wants to stop. */
  Interrupt interrupt() {
    return interrupt;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getErr());
    throw SnnsimException.usage("expected a command, for instance: snnsim demo");
  }

  /** Runs the program and exits. */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Main main = new Main();
    main.interrupt.install();
    int code = execute(main, out, err, args);
    main.interrupt.done();
    // During an interrupt the JVM is ending already and gives 130 itself.
    System.exit(code);
  }

  /** Runs one command line and returns its exit code. */
  static int execute(PrintWriter out, PrintWriter err, String... args) {
    return execute(new Main(), out, err, args);
  }

  private static int execute(Main main, PrintWriter out, PrintWriter err, String... args) {
    CommandLine line = new CommandLine(main).setOut(out).setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(
        (e, a) -> {
          err.println("snnsim: " + e.getMessage().lines().findFirst().orElse("wrong options"));
          return Category.USAGE.exitCode();
        });
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          int code = Category.BUG.exitCode();
          if (e instanceof SnnsimException known) {
            err.println("snnsim: " + known.getMessage());
            code = known.category().exitCode();
          } else {
            err.println("snnsim: " + e + "; this is a bug, --debug shows the stack");
          }
          if (main.debug) {
            e.printStackTrace(err);
          }
          return code;
        });
    int code = line.execute(args);
    out.flush();
    err.flush();
    return code;
  }
}
