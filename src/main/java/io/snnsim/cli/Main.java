// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.Category;
import io.snnsim.error.Shown;
import io.snnsim.error.SnnsimException;
import io.snnsim.store.LostMapping;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "%nExamples:",
      "  snnsim demo",
      "  snnsim run --help",
      "%nColours follow the terminal; NO_COLOR=1 turns them off."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a defect of this program, or too little memory",
      "2:wrong options",
      "65:unusable input, or a model beyond --max-memory or --max-synapses",
      "66:an input file is missing",
      "69:no kernel can run as asked, or a jar is missing",
      "74:reading or writing failed",
      "130:interrupted; what was done is printed"
    })
public final class Main implements Runnable {
  /** The commands, in the order in which the help lists them. */
  private static final Map<String, Class<? extends SnnsimCommand>> COMMANDS = commands();

  /** Set by the launcher where stderr is a terminal. */
  private static final String TERMINAL = "snnsim.terminal";

  /** Set by the launcher: when it was started, in seconds since 1970. */
  private static final String STARTED = "snnsim.started";

  private static final String VECTOR_BITS = "snnsim.vectorBits";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show build, JDK, machine and kernel.")
  private boolean version;

  @Option(
      names = "--debug",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Print the stack of an error.")
  private boolean debug;

  private final Interrupt interrupt;
  private final long begunNanos;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private static Map<String, Class<? extends SnnsimCommand>> commands() {
    Map<String, Class<? extends SnnsimCommand>> m = new LinkedHashMap<>();
    m.put("demo", DemoCommand.class);
    m.put("describe", DescribeCommand.class);
    m.put("export", ExportCommand.class);
    m.put("convert", ConvertCommand.class);
    m.put("run", RunCommand.class);
    m.put("simulate", SimulateCommand.class);
    m.put("compare", CompareCommand.class);
    m.put("sweep", SweepCommand.class);
    m.put("verify", VerifyCommand.class);
    m.put("info", InfoCommand.class);
    m.put("bench", BenchCommand.class);
    m.put("latency", LatencyCommand.class);
    m.put("doctor", DoctorCommand.class);
    return m;
  }

  /** The names of the commands, in the order in which the help lists them. */
  static Set<String> commandNames() {
    return COMMANDS.keySet();
  }

  /**
   * The command line of the program.
   *
   * @param args what it is to parse: where they begin with a command it knows no other, since
   *     picocli takes a tenth of a second to look at all of them
   */
  static CommandLine line(Main main, String... args) {
    CommandLine line = new CommandLine(main);
    Class<? extends SnnsimCommand> only = args.length == 0 ? null : COMMANDS.get(args[0]);
    (only == null ? COMMANDS.values() : List.of(only)).forEach(line::addSubcommand);
    return line.setCaseInsensitiveEnumValuesAllowed(true);
  }

  Main() {
    this(new Interrupt());
  }

  /** A program that stops as {@code interrupt} says. */
  Main(Interrupt interrupt) {
    this(interrupt, System.nanoTime());
  }

  private Main(Interrupt interrupt, long begunNanos) {
    this.interrupt = interrupt;
    this.begunNanos = begunNanos;
  }

  /** Tells long work that the user wants to stop. */
  Interrupt interrupt() {
    return interrupt;
  }

  /** When the program was started, by {@link System#nanoTime}. */
  long begunNanos() {
    return begunNanos;
  }

  /** True if stderr is a terminal. */
  boolean onTerminal() {
    return Boolean.getBoolean(TERMINAL);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getErr());
    throw SnnsimException.usage("found no command, expected one, for instance: snnsim demo");
  }

  /** Runs the program and exits. */
  public static void main(String[] args) {
    ResultStream results = new ResultStream(new FileOutputStream(FileDescriptor.out));
    PrintWriter out = new PrintWriter(results, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Main main = new Main(new Interrupt(), launched());
    main.interrupt.install();
    int code = execute(main, out, err, args);
    code = results.verdict(code, err);
    main.interrupt.done();
    // During an interrupt the JVM is ending already and gives 130 itself.
    System.exit(code);
  }

  /** When the launcher was started, or now if it does not say or the machine's clock was set. */
  private static long launched() {
    long now = System.nanoTime();
    try {
      String started = System.getProperty(STARTED, "");
      double ago = System.currentTimeMillis() / 1e3 - Double.parseDouble(started);
      return ago > 0 && ago < 60 ? now - (long) (ago * 1e9) : now;
    } catch (NumberFormatException e) {
      return now;
    }
  }

  /** Runs one command line and returns its exit code. */
  public static int execute(PrintWriter out, PrintWriter err, String... args) {
    return execute(new Main(), out, err, args);
  }

  static int execute(Main main, PrintWriter out, PrintWriter err, String... args) {
    int code;
    try {
      checkProperties();
      code = isVersion(args) ? version(out) : parsed(main, out, err, args);
    } catch (Throwable t) {
      code = main.failed(t, err);
    }
    out.flush();
    err.flush();
    return code;
  }

  private static int parsed(Main main, PrintWriter out, PrintWriter err, String... args) {
    return line(main, args)
        .setOut(out)
        .setErr(err)
        .setParameterExceptionHandler((e, a) -> wrongOptions(e, err))
        .setExecutionExceptionHandler((e, command, p) -> main.failed(e, err))
        .execute(args);
  }

  /** Answered without the command line, which takes longer to make than the answer. */
  private static boolean isVersion(String... args) {
    return args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"));
  }

  private static int version(PrintWriter out) {
    for (String line : new Version().getVersion()) {
      out.println(line);
    }
    return 0;
  }

  /**
   * A command with its options, which is not run.
   *
   * @throws SnnsimException (usage) as the command line would be refused
   */
  static <T extends SnnsimCommand> T parse(Class<T> command, List<String> options) {
    List<String> words = new ArrayList<>(options);
    words.addFirst(command.getAnnotation(Command.class).name());
    String[] args = words.toArray(String[]::new);
    try {
      CommandLine.ParseResult parsed = line(new Main(), args).parseArgs(args).subcommand();
      if (parsed.isUsageHelpRequested()) {
        throw SnnsimException.usage("--help: is no option of a conversion; leave it out");
      }
      return command.cast(parsed.commandSpec().userObject());
    } catch (CommandLine.ParameterException e) {
      throw SnnsimException.usage(refusal(e));
    }
  }

  private static int wrongOptions(CommandLine.ParameterException e, PrintWriter err) {
    err.println("snnsim: " + refusal(e));
    return Category.USAGE.exitCode();
  }

  private static String refusal(CommandLine.ParameterException e) {
    String hint = "see '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'";
    if (e instanceof CommandLine.UnmatchedArgumentException unknown) {
      List<String> similar = unknown.getSuggestions();
      hint = similar.isEmpty() ? hint : "did you mean " + String.join(" or ", similar) + "?";
    }
    return Shown.text(e.getMessage().lines().findFirst().orElse("wrong options")) + "; " + hint;
  }

  private int failed(Throwable t, PrintWriter err) {
    int code = Category.BUG.exitCode();
    SnnsimException lost = LostMapping.orNull("the model", t);
    if (interrupt.asked()) {
      // Whatever was cut short complains of what it lacks; that is not what the user did wrong.
      err.println(SnnsimCommand.NOTHING_WRITTEN);
      code = SnnsimCommand.INTERRUPTED;
    } else if (t instanceof SnnsimException known) {
      err.println("snnsim: " + known.getMessage());
      code = known.category().exitCode();
    } else if (lost != null) {
      err.println("snnsim: " + lost.getMessage());
      code = lost.category().exitCode();
    } else if (t instanceof OutOfMemoryError) {
      err.println(
          "snnsim: out of memory ("
              + t.getMessage()
              + "), the heap may grow to "
              + (Runtime.getRuntime().maxMemory() >> 20)
              + " MB; give more with SNNSIM_JAVA_OPTS=-Xmx4g, or take fewer images");
    } else {
      err.println(
          "snnsim: " + Shown.text(t.toString()) + "; this is a bug, --debug shows the stack");
    }
    if (debug) {
      t.printStackTrace(new ShownWriter(err));
    }
    return code;
  }

  /** The kernels read it when they are first used, where an error would be a stack. */
  private static void checkProperties() {
    String bits = System.getProperty(VECTOR_BITS);
    SnnsimCommand.require(
        bits == null || Set.of("64", "128", "256", "512").contains(bits),
        "-D" + VECTOR_BITS + "=" + bits + ": expected 64, 128, 256 or 512");
  }

  /** Remembers the first failure, which a PrintWriter keeps for itself. Confined to one thread. */
  private static final class ResultStream extends OutputStream {
    private final OutputStream out;
    private java.io.IOException failure;

    ResultStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws java.io.IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int from, int length) throws java.io.IOException {
      try {
        out.write(b, from, length);
      } catch (java.io.IOException e) {
        failure = failure == null ? e : failure;
        throw e;
      }
    }

    /** The exit code, given that what was printed arrived or not. */
    int verdict(int code, PrintWriter err) {
      if (failure == null) {
        return code;
      }
      String why = String.valueOf(failure.getMessage());
      // A reader that has seen enough (head, less) is no reason to complain.
      if (!why.contains("Broken pipe")) {
        err.println("snnsim: stdout: cannot be written: " + why);
      }
      return code == 0 ? Category.IO.exitCode() : code;
    }
  }
}
