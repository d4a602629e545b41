import Foundation

/// A file or folder whatever its path.
package struct FileIdentity: Equatable {
    private let device: dev_t
    private let number: ino_t

    /// That at a path, after following links; nil for what is neither, such as a terminal, or not there.
    package init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else {
            return nil
        }
        (device, number) = (status.st_dev, status.st_ino)
    }

    /// The folders that hold what is at a path, after following links.
    package static func folders(above path: String) -> [FileIdentity] {
        var url = URL(filePath: path).resolvingSymlinksInPath()
        var folders: [FileIdentity] = []
        while url.pathComponents.count > 1 {
            url.deleteLastPathComponent()
            if let folder = FileIdentity(url.path(percentEncoded: false)) { folders.append(folder) }
        }
        return folders
    }
}
