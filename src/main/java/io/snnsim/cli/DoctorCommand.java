package io.snnsim.cli;

import io.snnsim.kernel.KernelProvider;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code snnsim doctor}. */
@Command(
    name = "doctor",
    description = "Says what this machine and JVM offer, and which kernels run.",
    mixinStandardHelpOptions = true,
    footer = {"%nExample:", "  snnsim doctor"})
final class DoctorCommand implements Callable<Integer> {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.println("JDK       " + Runtime.version());
    out.println(
        "machine   "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors");
    out.println(
        KernelProvider.vectorAvailable()
            ? "kernel    vector"
                + KernelProvider.vectorBits()
                + ", "
                + KernelProvider.describeVector()
            : "kernel    scalar: add " + KernelProvider.FLAG + " for the vector kernels");
    return 0;
  }
}
