// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Makes the jars that a JVM starts faster with, for the launcher, once a build and JDK: the JVM
 * keeps no classes of Java 5 in its start-up cache, and no cache of much use where an incubator
 * module is asked for. Stateless; writes to the folder that it is given.
 */
final class StartupJars {
  /** The Vector API as a jar for the boot class path, where it is no module. */
  static final String VECTOR = "vector.jar";

  private static final String MODULE = "jdk.incubator.vector";

  /** Java 6, the first whose classes are verified by stack maps, which the cache asks for. */
  private static final int FIRST_KEPT = 50;

  private static final int REWRITTEN = 52;
  private static final int VERSION_AT = 7;

  private StartupJars() {}

  /**
   * Writes into the folder of the first argument {@link #VECTOR}, and the jars of the class path
   * that hold classes of Java 5, under their names.
   */
  public static void main(String[] args) throws IOException {
    Path dir = Files.createDirectories(Path.of(args[0]));
    vectorApi(dir.resolve(VECTOR));
    String separator = System.getProperty("path.separator");
    for (String name : System.getProperty("java.class.path").split(separator)) {
      Path jar = Path.of(name);
      if (name.endsWith(".jar") && hasOldClasses(jar)) {
        renew(jar, dir.resolve(jar.getFileName()));
      }
    }
  }

  /** Writes the classes of the Vector API of this JDK. */
  static void vectorApi(Path to) throws IOException {
    Path module = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("modules", MODULE);
    List<Path> classes;
    try (Stream<Path> all = Files.walk(module)) {
      classes =
          all.filter(Files::isRegularFile)
              .filter(p -> !p.endsWith("module-info.class"))
              .sorted()
              .toList();
    }
    try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(to))) {
      for (Path p : classes) {
        put(jar, module.relativize(p).toString(), Files.readAllBytes(p));
      }
    }
  }

  private static boolean hasOldClasses(Path jar) throws IOException {
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar))) {
      for (ZipEntry e; (e = in.getNextEntry()) != null; ) {
        if (isOld(e.getName(), in.readNBytes(VERSION_AT + 1))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isOld(String name, byte[] bytes) {
    return name.endsWith(".class")
        && bytes.length > VERSION_AT
        && (bytes[VERSION_AT] & 0xff) < FIRST_KEPT;
  }

  /** Copies a jar, its old classes with stack maps and else as they are. */
  static void renew(Path from, Path to) throws IOException {
    try (InputStream in = Files.newInputStream(from);
        OutputStream out = Files.newOutputStream(to)) {
      ZipInputStream old = new ZipInputStream(in);
      ZipOutputStream jar = new ZipOutputStream(out);
      for (ZipEntry e; (e = old.getNextEntry()) != null; ) {
        byte[] bytes = old.readAllBytes();
        put(jar, e.getName(), isOld(e.getName(), bytes) ? renewed(bytes) : bytes);
      }
      jar.finish();
    }
  }

  private static byte[] renewed(byte[] old) {
    // Methods are copied instruction by instruction into a new pool, else their bytes would be
    // taken as they are, without stack maps.
    ClassFile files =
        ClassFile.of(
            ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
            ClassFile.ConstantPoolSharingOption.NEW_POOL);
    ClassTransform version =
        (to, element) -> {
          if (element instanceof ClassFileVersion) {
            to.withVersion(REWRITTEN, 0);
          } else {
            to.with(element);
          }
        };
    return files.transformClass(
        files.parse(old),
        ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL).andThen(version));
  }

  private static void put(ZipOutputStream jar, String name, byte[] bytes) throws IOException {
    jar.putNextEntry(new ZipEntry(name));
    jar.write(bytes);
    jar.closeEntry();
  }
}
