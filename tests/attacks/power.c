/* A ledger of what a loss of power would leave: LD_PRELOAD this, and what a process syncs below the
   folder GASEOL_POWER_OF is written down in the folder GASEOL_POWER, by inode: `c<inode>`, what a
   file held when it was last synced; `d<inode>`, what stood in a folder then; `moved`, each rename.
   Nothing is durable but by fsync or fdatasync of the very file or folder. Before the call that
   GASEOL_POWER_AT counts, of those that make something durable or change a folder, the process is
   killed; `calls` says how many there were. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long counted, written;

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

static int opened(const char *path, int flags, mode_t mode) {
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

static int below(const char *path) {
    const char *root = getenv("GASEOL_POWER_OF");
    size_t length = root ? strlen(root) : 0;
    return length && getenv("GASEOL_POWER") && !strncmp(path, root, length) &&
           (path[length] == '/' || !path[length]);
}

static int placed(int folder, const char *path, char *out) {
    if (path[0] == '/' || folder == AT_FDCWD) return snprintf(out, PATH_MAX, "%s", path);
    char link[64], base[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, base, sizeof base - 1);
    base[length < 0 ? 0 : length] = 0;
    return snprintf(out, PATH_MAX, "%.2000s/%.2000s", base, path);
}

static void count(void) {
    const char *at = getenv("GASEOL_POWER_AT");
    char place[PATH_MAX], said[32];
    long number = atomic_fetch_add(&counted, 1) + 1;
    if (number == (at ? atol(at) : 0)) kill(getpid(), SIGKILL);
    snprintf(place, sizeof place, "%s/calls", getenv("GASEOL_POWER"));
    int calls = opened(place, O_WRONLY | O_CREAT, 0600);
    if (pwrite(calls, said, (size_t)snprintf(said, sizeof said, "%ld", number), 0) < 0) abort();
    close(calls);
}

static void kept(char kind, ino_t inode, char *out) {
    snprintf(out, PATH_MAX, "%s/%c%lu", getenv("GASEOL_POWER"), kind, (unsigned long)inode);
}

static int aside(char *out) {
    snprintf(out, PATH_MAX, "%s/.%d-%ld", getenv("GASEOL_POWER"), (int)getpid(),
             atomic_fetch_add(&written, 1));
    return opened(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

static void move(const char *from, const char *to) {
    syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static void all(int file, const char *from, size_t length) {
    while (length) {
        ssize_t done = write(file, from, length);
        if (done <= 0) abort();
        from += done;
        length -= (size_t)done;
    }
}

/* Write down what a file holds, up to the size that it had when this began. */
static void content(const char *path, const struct stat *about) {
    char new[PATH_MAX], place[PATH_MAX], block[1 << 16];
    int from = opened(path, O_RDONLY, 0), to = aside(new);
    for (off_t left = about->st_size; left > 0;) {
        size_t wanted = left < (off_t)sizeof block ? (size_t)left : sizeof block;
        ssize_t got = read(from, block, wanted);
        if (got <= 0) break;
        all(to, block, (size_t)got);
        left -= got;
    }
    close(from);
    close(to);
    kept('c', about->st_ino, place);
    move(new, place);
}

/* Write down what stands in a folder: inode, d or f, name, each ended by a zero byte. */
static void listing(const char *path, const struct stat *about) {
    char new[PATH_MAX], place[PATH_MAX], line[PATH_MAX], each[PATH_MAX];
    int to = aside(new);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct stat found;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        snprintf(each, sizeof each, "%.2000s/%s", path, entry->d_name);
        if (lstat(each, &found)) continue;
        int length = snprintf(line, sizeof line, "%lu%c%c%c%s", (unsigned long)found.st_ino, 0,
                              S_ISDIR(found.st_mode) ? 'd' : 'f', 0, entry->d_name);
        all(to, line, (size_t)length + 1);
    }
    if (folder) closedir(folder);
    close(to);
    kept('d', about->st_ino, place);
    move(new, place);
}

static void synced(int handle) {
    char link[64], path[PATH_MAX];
    struct stat about;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    if (!below(path) || fstat(handle, &about)) return;
    count();
    if (S_ISREG(about.st_mode)) content(link, &about);
    if (S_ISDIR(about.st_mode)) listing(path, &about);
}

int fsync(int handle) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))next("fsync");
    synced(handle);
    return real(handle);
}

int fdatasync(int handle) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))next("fdatasync");
    synced(handle);
    return real(handle);
}

/* An inode that begins anew holds nothing durable, whatever had its number before. */
static void begun(int folder, const char *path) {
    struct stat about;
    char place[PATH_MAX];
    if (fstatat(folder, path, &about, AT_SYMLINK_NOFOLLOW)) return;
    kept(S_ISDIR(about.st_mode) ? 'd' : 'c', about.st_ino, place);
    syscall(SYS_unlinkat, AT_FDCWD, place, 0);
}

/* Whether a call will put a new name into a folder. */
static int makes(int folder, const char *path) {
    char whole[PATH_MAX];
    struct stat about;
    placed(folder, path, whole);
    if (!below(whole) || !fstatat(folder, path, &about, AT_SYMLINK_NOFOLLOW)) return 0;
    count();
    return 1;
}

static int create(int (*real)(int, const char *, int, ...), int folder, const char *path, int flags,
                  va_list rest) {
    int takes = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
    mode_t mode = takes ? va_arg(rest, mode_t) : 0;
    int new = flags & O_CREAT && makes(folder, path);
    int handle = real(folder, path, flags, mode);
    if (new && handle >= 0) begun(folder, path);
    return handle;
}

#define CREATES(name, named, before, folder)                             \
    int name(before const char *path, int flags, ...) {                  \
        static int (*real)(int, const char *, int, ...);                 \
        if (!real) real = (int (*)(int, const char *, int, ...))next(named); \
        va_list rest;                                                    \
        va_start(rest, flags);                                           \
        int handle = create(real, folder, path, flags, rest);            \
        va_end(rest);                                                    \
        return handle;                                                   \
    }
#define HERE int folder,
CREATES(open, "openat", , AT_FDCWD)
CREATES(open64, "openat64", , AT_FDCWD)
CREATES(openat, "openat", HERE, folder)
CREATES(openat64, "openat64", HERE, folder)

int mkdir(const char *path, mode_t mode) {
    static int (*real)(const char *, mode_t);
    if (!real) real = (int (*)(const char *, mode_t))next("mkdir");
    int new = makes(AT_FDCWD, path), failed = real(path, mode);
    if (new && !failed) begun(AT_FDCWD, path);
    return failed;
}

int link(const char *from, const char *to) {
    static int (*real)(const char *, const char *);
    if (!real) real = (int (*)(const char *, const char *))next("link");
    makes(AT_FDCWD, to);
    return real(from, to);
}

int unlink(const char *path) {
    static int (*real)(const char *);
    if (!real) real = (int (*)(const char *))next("unlink");
    if (below(path)) count();
    return real(path);
}

static void moved(int from_folder, const char *from, int to_folder, const char *to) {
    char old[PATH_MAX], new[PATH_MAX], line[2 * PATH_MAX + 64], place[PATH_MAX];
    struct stat about;
    placed(from_folder, from, old);
    placed(to_folder, to, new);
    if (!below(new) || fstatat(from_folder, from, &about, AT_SYMLINK_NOFOLLOW)) return;
    count();
    int length = snprintf(line, sizeof line, "%lu%c%s%c%s", (unsigned long)about.st_ino, 0, old, 0,
                          new);
    snprintf(place, sizeof place, "%s/moved", getenv("GASEOL_POWER"));
    int ledger = opened(place, O_WRONLY | O_CREAT | O_APPEND, 0600);
    all(ledger, line, (size_t)length + 1);
    close(ledger);
}

int rename(const char *from, const char *to) {
    static int (*real)(const char *, const char *);
    if (!real) real = (int (*)(const char *, const char *))next("rename");
    moved(AT_FDCWD, from, AT_FDCWD, to);
    return real(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    static int (*real)(int, const char *, int, const char *);
    if (!real) real = (int (*)(int, const char *, int, const char *))next("renameat");
    moved(from_folder, from, to_folder, to);
    return real(from_folder, from, to_folder, to);
}

#define CUTS(name, type)                                        \
    int name(int handle, type size) {                           \
        static int (*real)(int, type);                          \
        if (!real) real = (int (*)(int, type))next(#name);      \
        char link[64], path[PATH_MAX];                          \
        snprintf(link, sizeof link, "/proc/self/fd/%d", handle); \
        ssize_t length = readlink(link, path, sizeof path - 1); \
        path[length < 0 ? 0 : length] = 0;                      \
        if (below(path)) count();                               \
        return real(handle, size);                              \
    }
CUTS(ftruncate, off_t)
CUTS(ftruncate64, off64_t)
