/// The language of a source file, and its comments.
package struct SourceLanguage: Sendable, Hashable {
    /// The usual name: `Swift`, `C++`.
    package let name: String
    /// The use of the language.
    let role: Role
    /// The marks of a comment; nil for a language without comments.
    let comment: Comment?

    /// The uses of languages.
    enum Role: Hashable { case program, markup, prose, data }

    /// The marks of a comment.
    enum Comment: Hashable {
        case slashes, hash, dashes, percent, semicolon, quote, xml, block, parentheses, bang

        func line(_ text: String) -> String {
            switch self {
            case .slashes: "// \(text)"
            case .hash: "# \(text)"
            case .dashes: "-- \(text)"
            case .percent: "% \(text)"
            case .semicolon: "; \(text)"
            case .quote: "\" \(text)"
            case .xml: "<!-- \(text) -->"
            case .block: "/* \(text) */"
            case .parentheses: "(* \(text) *)"
            case .bang: "! \(text)"
            }
        }
    }

    /// The language of a file, by its name, or by the interpreter its first line asks for.
    package init?(name: String, firstLine: some Sequence<UInt8>) {
        let lowered = name.lowercased()
        if let language = Self.byName[lowered] {
            self = language
            return
        }
        if let dot = lowered.lastIndex(of: "."), dot != lowered.startIndex,
            let language = Self.byExtension[String(lowered[lowered.index(after: dot)...])]
        {
            self = language
            return
        }
        let line = String(decoding: Array(firstLine), as: UTF8.self)
        guard line.hasPrefix("#!") else { return nil }
        let words = line.dropFirst(2).split(whereSeparator: { $0 == " " || $0 == "\t" })
        let programs = words.prefix(3).compactMap { $0.split(separator: "/").last.map(String.init) }
        for program in programs where program != "env" && !program.hasPrefix("-") {
            let bare = program.prefix { $0.isLetter }
            guard let language = Self.byInterpreter[String(bare)] else { return nil }
            self = language
            return
        }
        return nil
    }

    private init(_ name: String, _ role: Role, _ comment: Comment?) {
        self.name = name
        self.role = role
        self.comment = comment
    }

    /// The first line of a document: the file's path, as a comment of the language.
    package static func heading(path: String, language: SourceLanguage?) -> String {
        guard let language else { return "# " + path }
        return language.comment?.line(path) ?? path
    }

    // MARK: Tables

    private static let byInterpreter = table(interpreters)
    private static let byName = table(names)
    private static let byExtension = table(extensions)

    private static let languages: [String: SourceLanguage] = {
        var languages: [String: SourceLanguage] = [:]
        let roles: [(Role, Comment?, String)] = [
            (
                .program, .slashes,
                """
                C,C++,C#,Objective-C,Objective-C++,Swift,Java,Kotlin,Scala,Groovy,Go,Rust,JavaScript,\
                TypeScript,JSX,TSX,Dart,PHP,D,Zig,Solidity,GLSL,HLSL,Metal,CUDA,OpenCL,Verilog,\
                SystemVerilog,F#,Gradle,Protocol Buffers,Thrift,AIDL,QML,Less,SCSS,Vala,ActionScript,\
                Haxe,Pony,V,Odin,Hack,Modelica,ANTLR,YANG,Jsonnet,Stan,Bicep,Typst,Gleam
                """
            ),
            (
                .program, .hash,
                """
                Python,Ruby,Perl,Shell,R,Julia,Elixir,Crystal,Nim,CoffeeScript,Tcl,Awk,PowerShell,Fish,\
                Makefile,CMake,Dockerfile,Starlark,Nix,GraphQL,HCL,Just,Meson,Sed,Cython,Raku,GDScript,\
                Nushell,Puppet,Cap'n Proto,Ninja
                """
            ),
            (.program, .dashes, "Haskell,Lua,SQL,Ada,VHDL,Elm,PureScript,Idris,Agda,AppleScript,Lean"),
            (.program, .percent, "Erlang,Prolog,MATLAB"),
            (
                .program, .semicolon,
                "Common Lisp,Scheme,Racket,Clojure,Emacs Lisp,Assembly,LLVM,AutoHotkey,Fennel"
            ),
            (.program, .quote, "Vim script"),
            (.program, .bang, "Fortran"),
            (.program, .parentheses, "OCaml,Pascal,Standard ML,Coq,Mathematica"),
            (.program, .block, "CSS,Lex,Yacc"),
            (.program, nil, "Batch,Forth,COBOL,Smalltalk,BASIC"),
            (.markup, .xml, "HTML,Vue,Svelte,Astro,XSLT,Handlebars,ERB"),
            (.prose, .xml, "Markdown"),
            (.prose, .percent, "TeX"),
            (.prose, nil, "Text,reStructuredText,AsciiDoc,Org,roff,Pod"),
            (.data, .hash, "TOML,YAML,INI,Properties,Git Config"),
            (.data, .xml, "XML,SVG"),
            (.data, nil, "JSON,JSON Lines,CSV,TSV,Jupyter Notebook,gettext Catalog"),
        ]
        for (role, comment, names) in roles {
            for name in names.split(separator: ",") {
                languages[String(name)] = SourceLanguage(String(name), role, comment)
            }
        }
        return languages
    }()

    /// A table of lines `Language: key key …`.
    private static func table(_ lines: String) -> [String: SourceLanguage] {
        var table: [String: SourceLanguage] = [:]
        for line in lines.split(separator: "\n") {
            let parts = line.split(separator: ": ", maxSplits: 1)
            guard parts.count == 2, let language = languages[String(parts[0])] else { continue }
            for key in parts[1].split(separator: " ") { table[String(key)] = language }
        }
        return table
    }

    private static let interpreters = """
        Python: python pypy
        Shell: sh bash zsh dash ksh ash
        Fish: fish
        Ruby: ruby
        Perl: perl
        Raku: raku
        JavaScript: node nodejs deno bun
        PHP: php
        Lua: lua luajit
        R: Rscript
        Awk: awk gawk mawk
        Sed: sed
        Tcl: tclsh wish
        Swift: swift
        Julia: julia
        Elixir: elixir
        Haskell: runhaskell runghc
        Makefile: make
        Scheme: guile
        """

    private static let names = """
        Makefile: makefile gnumakefile bsdmakefile kbuild
        CMake: cmakelists.txt
        Dockerfile: dockerfile containerfile
        Ruby: gemfile rakefile podfile fastfile vagrantfile brewfile
        Groovy: jenkinsfile
        Starlark: build workspace build.bazel workspace.bazel
        Just: justfile
        Meson: meson.build meson_options.txt
        Shell: .bashrc .bash_profile .profile .zshrc configure
        Git Config: .gitattributes .gitmodules .gitignore
        INI: .editorconfig .flake8 .pylintrc
        JSON: .swift-format .prettierrc .eslintrc .babelrc
        YAML: .clang-format .clang-tidy
        Text: readme license license copying authors contributors changelog changes news notice todo install
        Text: history thanks
        """

    private static let extensions = """
        C: c h
        C++: cc cpp cxx c++ hh hpp hxx h++ inl ipp tpp
        C#: cs csx
        Objective-C: m
        Objective-C++: mm
        Swift: swift
        Java: java
        Kotlin: kt kts
        Scala: scala sc sbt
        Groovy: groovy
        Gradle: gradle
        Go: go
        Rust: rs
        JavaScript: js mjs cjs
        TypeScript: ts mts cts
        JSX: jsx
        TSX: tsx
        Dart: dart
        PHP: php phtml
        D: d di
        Zig: zig
        Solidity: sol
        GLSL: glsl vert frag geom comp
        HLSL: hlsl
        Metal: metal
        CUDA: cu cuh
        OpenCL: cl
        Verilog: v vh
        SystemVerilog: sv svh
        F#: fs fsi fsx
        Protocol Buffers: proto
        Thrift: thrift
        QML: qml
        Less: less
        SCSS: scss sass
        Vala: vala
        Haxe: hx
        ANTLR: g4
        Jsonnet: jsonnet libsonnet
        Stan: stan
        Typst: typ
        Gleam: gleam
        Python: py pyi pyw
        Cython: pyx pxd pxi
        Ruby: rb rake gemspec
        Perl: pl pm
        Pod: pod
        Raku: raku rakumod
        Shell: sh bash zsh ksh bats
        Fish: fish
        R: r
        Julia: jl
        Elixir: ex exs
        Crystal: cr
        Nim: nim nims
        CoffeeScript: coffee
        Tcl: tcl
        Awk: awk
        PowerShell: ps1 psm1 psd1
        Makefile: mk mak make
        CMake: cmake
        Dockerfile: dockerfile
        Starlark: bzl star
        Nix: nix
        GraphQL: graphql gql
        HCL: hcl tf tfvars
        GDScript: gd
        Haskell: hs lhs
        Lua: lua
        SQL: sql
        Ada: adb ads ada
        VHDL: vhd vhdl
        Elm: elm
        PureScript: purs
        Idris: idr
        Agda: agda
        Lean: lean
        AppleScript: applescript
        Erlang: erl hrl
        Prolog: pro
        MATLAB: matlab
        Common Lisp: lisp lsp
        Scheme: scm ss sld
        Racket: rkt
        Clojure: clj cljs cljc edn
        Emacs Lisp: el
        Assembly: s asm nasm
        LLVM: ll
        Vim script: vim
        Fortran: f for f77 f90 f95 f03 f08
        OCaml: ml mli
        Pascal: pas pp dpr
        Standard ML: sml sig
        Mathematica: wl wls
        CSS: css
        Lex: lex l
        Yacc: y yy
        Batch: bat cmd
        Forth: fth 4th
        COBOL: cob cbl
        Smalltalk: st
        BASIC: bas vb vbs
        HTML: html htm xhtml
        Vue: vue
        Svelte: svelte
        Astro: astro
        XSLT: xsl xslt
        Handlebars: hbs mustache
        ERB: erb
        Markdown: md markdown mdx mdown
        TeX: tex sty cls bib ltx
        Text: txt text
        reStructuredText: rst
        AsciiDoc: adoc asciidoc
        Org: org
        roff: 1 2 3 4 5 6 7 8 man
        TOML: toml
        YAML: yml yaml
        INI: ini cfg conf
        Properties: properties
        XML: xml plist xsd wsdl xib storyboard resx csproj vcxproj
        SVG: svg
        JSON: json json5 jsonc webmanifest
        JSON Lines: jsonl ndjson
        CSV: csv
        TSV: tsv
        Jupyter Notebook: ipynb
        gettext Catalog: po pot
        """
}
