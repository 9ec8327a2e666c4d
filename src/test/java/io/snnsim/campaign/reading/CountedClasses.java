// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign.reading;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Loads the program once more, with a call of {@link Edges#hit} wherever a branch may lead, and
 * collects the words that its code compares with. Safe for several threads; the words may be asked
 * for by one only.
 */
final class CountedClasses extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  /** What both sides speak of, which comes from the parent. */
  private static final List<String> SHARED = List.of("io.snnsim.error.", "io.snnsim.campaign.");

  private static final ClassDesc EDGES = ClassDesc.of(Edges.class.getName());
  private static final MethodTypeDesc HIT =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);
  private static final Pattern WORD = Pattern.compile("[!-~]{1,24}");

  private final List<String> own;
  private final List<String> counted;
  private final ClassFile classFile;
  private final Set<String> seen = new HashSet<>();
  private final List<byte[]> words = new ArrayList<>();

  /**
   * Loads on demand.
   *
   * @param own beginnings of names of classes that are loaded here, so that all of them are of one
   *     kind; a whole name stands for its inner classes too. The rest comes from the parent
   * @param counted beginnings of names of those whose branches are counted
   */
  CountedClasses(ClassLoader parent, List<String> own, List<String> counted) {
    super("counted", parent);
    this.own = List.copyOf(own);
    this.counted = List.copyOf(counted);
    classFile =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(parent)
                    .orElse(ClassHierarchyResolver.defaultResolver())));
  }

  /** Short texts without spaces in the code that was loaded so far. */
  List<byte[]> words() {
    synchronized (words) {
      return List.copyOf(words);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!isOwn(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  private boolean isOwn(String name) {
    return own.stream().anyMatch(o -> name.equals(o) || name.startsWith(o + "$"))
        || begins(name, own) && !begins(name, SHARED);
  }

  private static boolean begins(String name, List<String> prefixes) {
    return prefixes.stream().anyMatch(name::startsWith);
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      byte[] code = begins(name, counted) ? counted(name, bytes) : bytes;
      return defineClass(name, code, 0, code.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private byte[] counted(String name, byte[] bytes) {
    // By name, so that what a case reaches has the same numbers in every process.
    Places places = new Places(name.hashCode());
    return classFile.transformClass(
        classFile.parse(bytes),
        ClassTransform.transformingMethodBodies(CodeTransform.ofStateful(() -> places.marks())));
  }

  /** Gives numbers to the places of a class. */
  private final class Places {
    private int next;

    Places(int first) {
      next = first;
    }

    CodeTransform marks() {
      return new CodeTransform() {
        @Override
        public void atStart(CodeBuilder code) {
          mark(code);
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
          code.with(element);
          switch (element) {
            case LabelTarget l -> mark(code);
            case BranchInstruction b when !isAlways(b.opcode()) -> mark(code);
            case ConstantInstruction c when c.constantValue() instanceof String text -> word(text);
            default -> {}
          }
        }
      };
    }

    private void mark(CodeBuilder code) {
      next = next * 1_664_525 + 1_013_904_223;
      code.loadConstant(next >>> 16).invokestatic(EDGES, "hit", HIT);
    }
  }

  private static boolean isAlways(Opcode opcode) {
    return opcode == Opcode.GOTO || opcode == Opcode.GOTO_W;
  }

  private void word(String text) {
    synchronized (words) {
      if (WORD.matcher(text).matches() && seen.add(text)) {
        words.add(text.getBytes(StandardCharsets.UTF_8));
      }
    }
  }
}
