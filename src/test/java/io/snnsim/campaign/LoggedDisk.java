// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One real folder, seen through paths that tell a {@link Watcher} before every call that may change
 * it and after those that did. Nothing is forced to a real disk. Confined to one thread.
 */
final class LoggedDisk extends FileSystem {
  /** What it tells; names are within the folder. */
  interface Watcher {
    /** Before a call that may change something. */
    void boundary();

    void created(String name);

    void linked(String to, String from);

    void renamed(String from, String to);

    void deleted(String name);

    /** What the file holds is on the disk. */
    void forced(String name);

    /** What the folder's files are called is on the disk. */
    void folderForced();
  }

  private static final FileSystem REAL = FileSystems.getDefault();

  private final Path folder;
  private final Watcher watcher;
  private final FileSystemProvider provider = new Provider();

  LoggedDisk(Path folder, Watcher watcher) {
    this.folder = folder.toAbsolutePath();
    this.watcher = watcher;
  }

  /** The path of a file in the folder. */
  Path path(String name) {
    return logged(folder.resolve(name));
  }

  private Path logged(Path real) {
    InvocationHandler handler = new Logged(real);
    Class<?>[] types = {Path.class};
    return (Path) Proxy.newProxyInstance(Path.class.getClassLoader(), types, handler);
  }

  private static Path real(Object path) {
    return Proxy.isProxyClass(path.getClass())
        ? ((Logged) Proxy.getInvocationHandler(path)).real
        : (Path) path;
  }

  private static String name(Path path) {
    return real(path).getFileName().toString();
  }

  /** A path of this disk, which is the real one but for its file system. */
  private final class Logged implements InvocationHandler {
    private final Path real;

    Logged(Path real) {
      this.real = real;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
      if (method.getName().equals("getFileSystem")) {
        return LoggedDisk.this;
      }
      Object[] unwrapped = args == null ? new Object[0] : args.clone();
      for (int i = 0; i < unwrapped.length; i++) {
        if (unwrapped[i] instanceof Path p) {
          unwrapped[i] = real(p);
        }
      }
      try {
        Object result = method.invoke(real, unwrapped);
        return switch (result) {
          case Path p -> logged(p);
          case Iterator<?> names -> wrapped(names);
          case null -> null;
          default -> result;
        };
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }

  private Iterator<Path> wrapped(Iterator<?> names) {
    List<Path> all = new ArrayList<>();
    names.forEachRemaining(p -> all.add(logged((Path) p)));
    return all.iterator();
  }

  private final class Provider extends FileSystemProvider {
    private final FileSystemProvider below = REAL.provider();

    @Override
    public SeekableByteChannel newByteChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      return newFileChannel(path, options, attributes);
    }

    @Override
    public FileChannel newFileChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      watcher.boundary();
      FileChannel channel = below.newFileChannel(real(path), options, attributes);
      if (options.contains(StandardOpenOption.CREATE_NEW)) {
        watcher.created(name(path));
      }
      boolean whole = real(path).equals(folder);
      return new LoggedChannel(
          channel,
          watcher::boundary,
          () -> {
            if (whole) {
              watcher.folderForced();
            } else {
              watcher.forced(name(path));
            }
          });
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
      watcher.boundary();
      below.createLink(real(link), real(existing));
      watcher.linked(name(link), name(existing));
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
      watcher.boundary();
      below.move(real(source), real(target), options);
      watcher.renamed(name(source), name(target));
    }

    @Override
    public void delete(Path path) throws IOException {
      watcher.boundary();
      below.delete(real(path));
      watcher.deleted(name(path));
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path dir, DirectoryStream.Filter<? super Path> filter) throws IOException {
      DirectoryStream<Path> names = Files.newDirectoryStream(real(dir));
      return new DirectoryStream<>() {
        @Override
        public Iterator<Path> iterator() {
          return wrapped(names.iterator());
        }

        @Override
        public void close() throws IOException {
          names.close();
        }
      };
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      below.checkAccess(real(path), modes);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) throws IOException {
      return below.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
        throws IOException {
      return below.readAttributes(real(path), names, options);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      return below.getFileAttributeView(real(path), type, options);
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
      return below.isSameFile(real(path), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
      return below.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
      return below.getFileStore(real(path));
    }

    @Override
    public String getScheme() {
      return "logged";
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
      return LoggedDisk.this;
    }

    @Override
    public Path getPath(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void createDirectory(Path dir, FileAttribute<?>... attributes) {
      throw new UnsupportedOperationException("nothing that is published is a folder");
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
      throw new UnsupportedOperationException("nothing that is published is copied");
    }

    @Override
    public void setAttribute(Path path, String name, Object value, LinkOption... options) {
      throw new UnsupportedOperationException();
    }
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return REAL.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return REAL.getRootDirectories();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return REAL.getFileStores();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return REAL.supportedFileAttributeViews();
  }

  @Override
  public Path getPath(String first, String... more) {
    return logged(REAL.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String pattern) {
    return REAL.getPathMatcher(pattern);
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return REAL.getUserPrincipalLookupService();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}
